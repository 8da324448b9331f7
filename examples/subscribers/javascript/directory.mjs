// A directory of the published organisations, kept up to date from `magpie.profiles.v1`.
//
//   node directory.mjs follow     reads the topic until it is stopped, or killed; continues where it was
//   node directory.mjs show       prints the directory
//
// docs/subscribers.md says why each rule is here.

import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { resolve } from "node:path";
import { Admin } from "@platformatic/kafka";
import { Kafka as CloudEvents } from "cloudevents";
import kafkajs from "kafkajs";
import { Store } from "./store.mjs";

const env = process.env;
const TOPIC = env.TOPIC ?? "magpie.profiles.v1";
const GROUP = env.GROUP ?? "reader.directory"; // it begins with the name that you log in with
const STORE = resolve(env.STORE ?? "directory.json");
// Erasures stay on the topic for 30 days. Those of a longer absence were missed: everything is read again.
const MAX_ABSENCE_MS = 1000 * Number(env.MAX_ABSENCE_SECONDS ?? 25 * 24 * 3600);
const LOOK_EVERY_MS = 1000 * Number(env.LOOK_EVERY_SECONDS ?? 10);
const BROKERS = (env.KAFKA_BOOTSTRAP ?? "localhost:9092").split(",");
const CA = env.KAFKA_CA_FILE && readFileSync(env.KAFKA_CA_FILE, "utf8");
const LOGIN = env.KAFKA_USERNAME && { username: env.KAFKA_USERNAME, password: env.KAFKA_PASSWORD };
const STATES = new Set(["created", "published", "updated", "withdrawn"].map((what) => `magpie.profile.${what}`));

// One line of the log. Ids and counts, no content.
const say = (event, what = {}) => console.log(JSON.stringify({ event, ...what }));

// -- what a record means

// The event of a record. The SDK refuses a null value, so what an erasure is about comes from its headers.
export function read(message) {
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name, value?.toString("utf8")]),
  );
  const key = message.key?.toString("utf8");
  const { ce_type: type, ce_sequence: sequence } = headers;
  if (!key || !type || !/^\d{1,20}$/.test(sequence)) throw new Error("no key, ce_type or ce_sequence");
  const event = { key, type, sequence: sequence.padStart(20, "0") }; // of one length, they compare as texts
  if (message.value === null) return { ...event, erased: true };
  if (!STATES.has(type)) return event;
  const value = message.value.toString("utf8");
  return { ...event, data: CloudEvents.toEvent({ headers, key, value }).data };
}

// What the directory keeps of a profile; null if it is not public. Fields that we do not know are not looked at.
function entry(data) {
  if (typeof data?.state !== "string") throw new Error("no state of a profile");
  if (data.state !== "published") return null;
  return { names: data.names ?? {}, country: data.country, offers: (data.offers ?? []).length };
}

// One record takes effect. What cannot be read is set aside, and the rest goes on.
function take(store, partition, message) {
  try {
    const { key, type, sequence, erased, data } = read(message);
    if (erased) {
      store.take(key, sequence, null);
      store.forget(key);
    } else if (STATES.has(type)) {
      store.take(key, sequence, entry(data)); // types that we do not know are passed over
    }
  } catch (error) {
    const letter = { partition, offset: message.offset, reason: error.name, key: message.key?.toString("utf8") };
    store.setAside({ ...letter, value: message.value?.toString("base64") });
    say("set_aside", { partition, offset: message.offset, reason: error.name });
  }
}

// -- reading

// The id of the topic, which kafkajs does not show. A topic that was deleted and made again has another one.
async function topicId() {
  const tls = CA ? { ca: CA } : LOGIN ? {} : undefined;
  const sasl = LOGIN ? { mechanism: "SCRAM-SHA-512", ...LOGIN } : undefined;
  const admin = new Admin({ clientId: "directory", bootstrapBrokers: BROKERS, tls, sasl });
  try {
    return (await admin.metadata({ topics: [TOPIC] })).topics.get(TOPIC).id;
  } finally {
    await admin.close();
  }
}

// Why everything has to be read again; undefined if we can go on.
function whyAgain(state, id, offsets) {
  if (!state.topicId) return "first start";
  if (state.topicId !== id) return "the topic was made again";
  if (Date.now() - state.wholeAt > MAX_ABSENCE_MS) return "away for longer than erasures stay";
  const isThere = ({ partition, low, high }) => {
    const next = state.next[partition];
    return next === undefined || (BigInt(low) <= BigInt(next) && BigInt(next) <= BigInt(high));
  };
  return offsets.every(isThere) ? undefined : "the log does not hold our position";
}

class Reader {
  constructor(kafka, store) {
    this.store = store;
    this.admin = kafka.admin();
    this.consumer = kafka.consumer({
      groupId: GROUP,
      readUncommitted: false,
      sessionTimeout: Number(env.SESSION_TIMEOUT_MS ?? 10_000),
      heartbeatInterval: Number(env.SESSION_TIMEOUT_MS ?? 10_000) / 4,
      maxWaitTimeInMs: 300,
    });
    this.reached = {}; // where the reading is, markers of transactions included
  }

  // Reads until the consumer can no longer go on; then it throws.
  async run() {
    const { GROUP_JOIN, END_BATCH_PROCESS, CRASH } = this.consumer.events;
    const crashed = new Promise((_, refuse) => this.consumer.on(CRASH, ({ payload }) => refuse(payload.error)));
    crashed.catch(() => {});
    this.consumer.on(GROUP_JOIN, ({ payload }) => this.seek(payload.memberAssignment[TOPIC] ?? []));
    this.consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      this.reached[payload.partition] = BigInt(payload.lastOffset) + 1n;
    });
    await this.admin.connect();
    await this.look();
    await this.consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    // The position is in our store, not in Kafka's: nothing is committed there.
    const eachBatch = async (payload) => this.takeBatch(payload);
    await this.consumer.run({ autoCommit: false, eachBatch });
    for (;;) await Promise.race([this.look(), crashed]);
  }

  async stop() {
    await Promise.allSettled([this.consumer.disconnect(), this.admin.disconnect()]);
  }

  // All of it takes effect with its position, without a pause in between.
  takeBatch({ batch, isStale }) {
    if (isStale()) return;
    for (const message of batch.messages) take(this.store, batch.partition, message);
    this.store.state.next[batch.partition] = String(BigInt(batch.lastOffset()) + 1n);
    this.store.save();
    say("took", { partition: batch.partition, records: batch.messages.length, next: batch.lastOffset() });
  }

  seek(partitions) {
    this.reached = {};
    for (const partition of partitions) {
      const offset = this.store.state.next[partition] ?? this.offsets.find((o) => o.partition === partition)?.low ?? "0";
      this.reached[partition] = BigInt(offset);
      this.consumer.seek({ topic: TOPIC, partition, offset });
    }
  }

  // Finds the topic as it is now, and begins again where what was read before does not count any more; then waits until
  // what was there has been read, and for a while.
  async look() {
    const at = Date.now();
    const id = await topicId();
    this.offsets = await this.admin.fetchTopicOffsets(TOPIC);
    const reason = whyAgain(this.store.state, id, this.offsets);
    if (reason) {
      say("begins", { reason });
      this.store.begin(id);
      this.seek(Object.keys(this.reached).map(Number));
    }
    for (let isWhole = false; Date.now() < at + LOOK_EVERY_MS; await wait(50)) {
      if (isWhole || !this.offsets.every(({ partition, high }) => this.reached[partition] >= BigInt(high))) continue;
      isWhole = true;
      this.store.isWhole(at);
      say("whole", { taken: this.store.state.taken });
    }
  }
}

// Reads until the process ends. While Kafka is away it waits.
async function follow() {
  const kafka = new kafkajs.Kafka({
    clientId: "directory",
    brokers: BROKERS,
    ssl: CA ? { ca: CA } : Boolean(LOGIN),
    sasl: LOGIN ? { mechanism: "scram-sha-512", ...LOGIN } : undefined,
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const store = new Store(STORE);
  for (;;) {
    const reader = new Reader(kafka, store);
    try {
      await reader.run();
    } catch (error) {
      say("waits", { reason: error.message });
    }
    await reader.stop();
    await wait(1000);
  }
}

const [command] = process.argv.slice(2);
if (command === "show") console.log(JSON.stringify(new Store(STORE).shown()));
else if (command === "follow") await follow();
else {
  console.error("say `follow` or `show`");
  process.exit(2);
}
