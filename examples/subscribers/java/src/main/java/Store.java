import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The projection and how far it was read, in one database: both change in one transaction, or neither does.
 *
 * <p>A generation is one reading of the topic from its beginning. While a new one is built the old one is shown.
 */
final class Store implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] TABLES = {
    "create table if not exists reading (one int primary key, topic_id varchar, building int, shown int, "
        + "whole_at bigint, taken bigint)",
    "create table if not exists positions (generation int, part int, next_offset bigint, "
        + "primary key (generation, part))",
    "create table if not exists organisations (generation int, id varchar, sequence bigint, body varchar, "
        + "primary key (generation, id))",
    "create table if not exists dead_letters (part int, at_offset bigint, id varchar, reason varchar, body varbinary, "
        + "primary key (part, at_offset))"
  };

  /** What is being read. Times in milliseconds. */
  record Reading(String topicId, int building, int shown, long wholeAt, long taken) {}

  private final Connection db;
  private Reading reading;

  Store(String file) throws SQLException {
    db = DriverManager.getConnection("jdbc:sqlite:" + file);
    run("pragma journal_mode = wal");
    db.setAutoCommit(false);
    for (String table : TABLES) {
      run(table);
    }
    commit();
  }

  /** What is being read; null before the first start. */
  Reading reading() {
    return reading;
  }

  /** Starts to read from the beginning, into a new generation. Nothing is hidden before it is whole. */
  void begin(String topicId) throws SQLException {
    int building = reading == null ? 1 : reading.building() + 1;
    int shown = reading == null ? building : reading.shown();
    run("insert or replace into reading values (1, ?, ?, ?, ?, 0)", topicId, building, shown, System.currentTimeMillis());
    for (String table : new String[] {"positions", "organisations"}) {
      run("delete from " + table + " where generation not in (?, ?)", building, shown);
    }
    run("delete from dead_letters");
    commit();
  }

  /** The next offset of each partition of which something was read. */
  Map<Integer, Long> positions() throws SQLException {
    Map<Integer, Long> found = new HashMap<>();
    try (PreparedStatement asked = prepare("select part, next_offset from positions where generation = ?", building());
        ResultSet rows = asked.executeQuery()) {
      while (rows.next()) {
        found.put(rows.getInt(1), rows.getLong(2));
      }
    }
    return found;
  }

  /**
   * Keeps the state of a key, unless it has a later one: events may come again. Of a key without a body only the
   * sequence stays, so that an event that comes again does not bring it back. Nothing is kept before {@link #commit}.
   */
  void take(String key, long sequence, ObjectNode body) throws SQLException {
    try (PreparedStatement asked =
            prepare("select sequence from organisations where generation = ? and id = ?", building(), key);
        ResultSet row = asked.executeQuery()) {
      if (row.next() && sequence <= row.getLong(1)) {
        return;
      }
    }
    String text = body == null ? null : body.toString();
    run("insert or replace into organisations values (?, ?, ?, ?)", building(), key, sequence, text);
    run("update reading set taken = taken + 1");
  }

  /** Deletes what else was kept of the key: here, dead letters. */
  void forget(String key) throws SQLException {
    run("delete from dead_letters where id = ?", key);
  }

  /** Keeps a record that cannot be read for a person to look at; reading goes on. */
  void setAside(int partition, long offset, String key, String reason, byte[] value) throws SQLException {
    run("insert or replace into dead_letters values (?, ?, ?, ?, ?)", partition, offset, key, reason, value);
  }

  /** What was taken since the last commit takes effect, together with the position behind it. */
  void commit(int partition, long next) throws SQLException {
    run("insert or replace into positions values (?, ?, ?)", building(), partition, next);
    commit();
  }

  /** Everything that was in the log at this time has been read: the generation that was built is shown. */
  void isWhole(long at) throws SQLException {
    run("update reading set shown = building, whole_at = ?", at);
    for (String table : new String[] {"positions", "organisations"}) {
      run("delete from " + table + " where generation <> ?", building());
    }
    commit();
  }

  /** The directory, by key. */
  List<ObjectNode> shown() throws Exception {
    List<ObjectNode> found = new ArrayList<>();
    String sql = "select id, sequence, body from organisations where generation = ? and body is not null order by id";
    try (PreparedStatement asked = prepare(sql, reading == null ? 0 : reading.shown());
        ResultSet rows = asked.executeQuery()) {
      while (rows.next()) {
        ObjectNode row = JSON.createObjectNode().put("id", rows.getString(1)).put("sequence", rows.getLong(2));
        row.setAll((ObjectNode) JSON.readTree(rows.getString(3)));
        found.add(row);
      }
    }
    return found;
  }

  /** What was not committed is as if it had not been. */
  void undo() throws SQLException {
    db.rollback();
  }

  @Override
  public void close() throws SQLException {
    db.close();
  }

  private int building() {
    return reading == null ? 0 : reading.building();
  }

  private void commit() throws SQLException {
    db.commit();
    try (PreparedStatement asked = prepare("select topic_id, building, shown, whole_at, taken from reading");
        ResultSet row = asked.executeQuery()) {
      reading =
          row.next()
              ? new Reading(row.getString(1), row.getInt(2), row.getInt(3), row.getLong(4), row.getLong(5))
              : null;
    }
  }

  private PreparedStatement prepare(String sql, Object... values) throws SQLException {
    PreparedStatement asked = db.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      asked.setObject(i + 1, values[i]);
    }
    return asked;
  }

  private void run(String sql, Object... values) throws SQLException {
    try (PreparedStatement asked = prepare(sql, values)) {
      asked.execute();
    }
  }
}
