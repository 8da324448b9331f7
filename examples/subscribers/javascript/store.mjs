// The projection and how far it was read, in one file that is replaced as a whole: both change, or neither does.
// It is written after each batch, which is fine for some ten thousand organisations; beyond that, use a database.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const EMPTY = { topicId: null, wholeAt: 0, taken: 0, next: {}, entries: {}, before: null, deadLetters: [] };

export class Store {
  constructor(file) {
    this.file = file;
    this.state = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : structuredClone(EMPTY);
  }

  // Starts to read from the beginning. What was shown is shown until everything has been read.
  begin(topicId) {
    const before = this.state.topicId ? this.state.before ?? this.state.entries : null;
    this.state = { ...structuredClone(EMPTY), topicId, wholeAt: Date.now(), before };
    this.save();
  }

  // Keeps the state of a key, unless it has a later one: events may come again. Of a key without a body only the
  // sequence stays, so that an event that comes again does not bring it back.
  take(key, sequence, body) {
    const was = Object.hasOwn(this.state.entries, key) ? this.state.entries[key].sequence : "";
    if (sequence <= was) return;
    Object.defineProperty(this.state.entries, key, { value: { sequence, body }, enumerable: true, writable: true, configurable: true });
    this.state.taken += 1;
  }

  // Deletes what else was kept of the key: here, dead letters.
  forget(key) {
    this.state.deadLetters = this.state.deadLetters.filter((letter) => letter.key !== key);
  }

  setAside(letter) {
    this.state.deadLetters.push(letter);
  }

  // Everything that was in the log at this time has been read: what was built is shown.
  isWhole(at) {
    this.state.wholeAt = at;
    this.state.before = null;
    this.save();
  }

  shown() {
    return Object.entries(this.state.before ?? this.state.entries)
      .filter(([, entry]) => entry.body)
      .map(([id, entry]) => ({ id, sequence: Number(entry.sequence), ...entry.body }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  save() {
    const draft = `${this.file}.new`;
    const file = openSync(draft, "w");
    writeSync(file, JSON.stringify(this.state));
    fsyncSync(file);
    closeSync(file);
    renameSync(draft, this.file);
    const folder = openSync(dirname(this.file), "r");
    fsyncSync(folder);
    closeSync(folder);
  }
}
