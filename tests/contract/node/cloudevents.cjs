// Reads records {headers, key, value} with the official SDK in Kafka's binary mode. Answers what it has found in each,
// or why its strict validation refuses it. The SDK takes no record without a value: an erasure's attributes are in its
// headers, and a subscriber makes the event of them.
const { Kafka, CloudEvent } = require("cloudevents");

function erasure({ headers, key }) {
  const named = Object.entries(headers).filter(([name]) => name.startsWith("ce_"));
  return { ...Object.fromEntries(named.map(([name, value]) => [name.slice(3), value])), key };
}

function read(record) {
  try {
    const found = record.value === null ? erasure(record) : Kafka.toEvent(record);
    const { key, ...attributes } = found;
    const event = new CloudEvent(attributes, true);
    event.validate();
    return { valid: true, event: event.toJSON() };
  } catch (error) {
    return { valid: false, message: error.message };
  }
}

let text = "";
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", () => process.stdout.write(JSON.stringify(JSON.parse(text).map(read))));
