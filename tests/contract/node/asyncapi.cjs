// Parses AsyncAPI documents, given as paths, with the official parser. Answers for each what it found wrong, as
// [severity, where, what]; severity 0 is an error, 1 a warning.
const { Parser, fromFile } = require("@asyncapi/parser");

async function judged(path) {
  const { document, diagnostics } = await fromFile(new Parser(), path).parse();
  const found = diagnostics.map((d) => [d.severity, d.path.join("/"), d.message]);
  return { valid: document !== undefined, channels: document?.allChannels().length ?? 0, found };
}

let text = "";
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", async () => {
  const answers = [];
  for (const path of JSON.parse(text)) answers.push(await judged(path));
  process.stdout.write(JSON.stringify(answers));
});
