// Verifies requests {secret, headers, body} with the official library of Standard Webhooks. Answers, for each of them,
// the id of the event that it carries, or why the library refuses it.
const { Webhook } = require("standardwebhooks");

function verified({ secret, headers, body }) {
  try {
    return new Webhook(secret).verify(body, headers).id;
  } catch (error) {
    return `refused: ${error.message}`;
  }
}

let text = "";
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", () => process.stdout.write(JSON.stringify(JSON.parse(text).map(verified))));
