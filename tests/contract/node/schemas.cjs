// Compiles JSON Schemas with Ajv in its strict mode, which takes no keyword that is not the standard's, and validates a
// value with each. Answers what is wrong, or null.
const Ajv = require("ajv/dist/2020").default;

function judged({ schema, value }) {
  try {
    const validate = new Ajv().compile(schema);
    return validate(value) ? null : JSON.stringify(validate.errors);
  } catch (error) {
    return error.message;
  }
}

let text = "";
process.stdin.on("data", (chunk) => (text += chunk));
process.stdin.on("end", () => process.stdout.write(JSON.stringify(JSON.parse(text).map(judged))));
