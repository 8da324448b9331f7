// node read.mjs BOOTSTRAP GROUP COUNT TOPIC...: what the SDK of CloudEvents finds in so many records, as JSON.

import { CloudEvent, Kafka as Binding } from "cloudevents";
import kafkajs from "kafkajs";

const [bootstrap, groupId, count, ...topics] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.ERROR });
const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200 });
const found = [];
const nullIsRefused = new Set();

function eventOf(message) {
  const text = Object.entries(message.headers).map(([name, value]) => [name, value.toString()]);
  const headers = Object.fromEntries(text);
  if (message.value !== null) return Binding.toEvent({ headers, key: message.key.toString(), value: message.value.toString() });
  try {
    Binding.toEvent({ headers, key: message.key.toString(), value: null });
  } catch (error) {
    nullIsRefused.add(error.message);
  }
  // docs/subscribers.md, section Erasures: the attributes alone.
  const attributes = text.filter(([name]) => name.startsWith("ce_")).map(([name, value]) => [name.slice(3), value]);
  return new CloudEvent(Object.fromEntries(attributes));
}

function said(topic, partition, message) {
  const event = eventOf(message);
  const { type, id, subject, source, time, sequence, correlationid, dataschema } = event;
  const place = [topic, partition, Number(message.offset)];
  const isValid = event.validate();
  return { place, type, id, subject, source, time, sequence, correlationid, dataschema, isValid, data: event.data ?? null };
}

await consumer.connect();
await consumer.subscribe({ topics, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ topic, partition, message }) => {
    found.push(said(topic, partition, message));
    if (found.length < Number(count)) return;
    console.log(JSON.stringify({ found, nullIsRefused: [...nullIsRefused] }));
    process.exit(0);
  },
});
