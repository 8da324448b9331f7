// One-shot, at every start: the replica set, the administrator, and for each service one user who may read and write its
// own database and nothing else. It runs beside mongod, in its network: the first user can be made from localhost only.
// Passwords are set each time, so a rotation is: new files, then this again, then the services.
const fs = require("fs");
const secret = (name) => fs.readFileSync("/run/secrets/" + name, "utf8").trim();
const SERVICES = ["profiles", "matching", "notifications", "translation"];
const PREFIX = process.env.MAGPIE_DATABASE_PREFIX || "magpie_";
const WAIT_MS = 60000;

function until(what, look) {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; sleep(300)) {
    try {
      const found = look();
      if (found) return found;
    } catch (error) {
      if (error.codeName === "Unauthorized") throw error;
    }
  }
  throw new Error(`${what}: not within ${WAIT_MS / 1000} s`);
}

const connect_ = () => new Mongo("mongodb://127.0.0.1:27017/?directConnection=true&serverSelectionTimeoutMS=2000");
const admin = until("mongod answers", () => { const db = connect_().getDB("admin"); db.hello(); return db; });
const primary = () => until("mongod is primary", () => admin.hello().isWritablePrimary);

function logIn() {
  try {
    admin.auth("admin", secret("mongo_admin_password"));
    return true;
  } catch (error) {
    return false;
  }
}

if (!logIn()) {
  try {
    admin.adminCommand({replSetInitiate: {_id: "rs0", members: [{_id: 0, host: "mongo:27017"}]}});
  } catch (error) {
    if (error.codeName !== "AlreadyInitialized") {
      print(`mongod takes neither the administrator's password nor a first user (${error.codeName}).`);
      print("Its data were made with other secrets: put those back, or begin with an empty volume.");
      quit(1);
    }
  }
  primary();
  admin.createUser({user: "admin", pwd: secret("mongo_admin_password"), roles: ["root"]});
  logIn();
}
primary();
for (const service of SERVICES) {
  const db = admin.getSiblingDB(PREFIX + service);
  const access = {pwd: secret("mongo_password_" + service), roles: [{role: "readWrite", db: PREFIX + service}]};
  if (db.getUser(service)) db.updateUser(service, access);
  else db.createUser({user: service, ...access});
}
print(`replica set rs0, ${SERVICES.length} users of one database each`);
