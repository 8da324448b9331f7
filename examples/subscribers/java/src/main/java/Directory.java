import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A directory of the published organisations, kept up to date from {@code magpie.profiles.v1}.
 *
 * <p>{@code follow} reads the topic until it is stopped, or killed, and continues where it was; {@code show} prints the
 * directory. docs/subscribers.md says why each rule is here.
 */
public final class Directory {
  private static final String TOPIC = env("TOPIC", "magpie.profiles.v1");

  /** Erasures stay on the topic for 30 days. Those of a longer absence were missed: everything is read again. */
  private static final long MAX_ABSENCE_MS = 1000 * Long.parseLong(env("MAX_ABSENCE_SECONDS", "2160000"));

  private static final long LOOK_EVERY_MS = (long) (1000 * Double.parseDouble(env("LOOK_EVERY_SECONDS", "10")));
  private static final Set<String> STATES =
      Set.of(
          "magpie.profile.created", "magpie.profile.published", "magpie.profile.updated", "magpie.profile.withdrawn");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Store store;
  private final Admin admin;
  private final KafkaConsumer<byte[], byte[]> consumer;

  private Directory(Store store, Admin admin, KafkaConsumer<byte[], byte[]> consumer) {
    this.store = store;
    this.admin = admin;
    this.consumer = consumer;
  }

  /** Follows or shows. */
  public static void main(String[] arguments) throws Exception {
    String command = arguments.length == 1 ? arguments[0] : "";
    String file = Path.of(env("STORE", "directory.sqlite")).toAbsolutePath().toString();
    if (command.equals("show")) {
      try (Store store = new Store(file)) {
        System.out.println(JSON.writeValueAsString(store.shown()));
      }
    } else if (command.equals("follow")) {
      follow(file);
    } else {
      System.err.println("say `follow` or `show`");
      System.exit(2);
    }
  }

  /** Reads until the process ends. While Kafka is away it waits. */
  private static void follow(String file) throws Exception {
    Properties settings = settings();
    try (Store store = new Store(file);
        Admin admin = Admin.create(settings);
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
      Directory directory = new Directory(store, admin, consumer);
      while (true) {
        try {
          directory.turn();
        } catch (KafkaException | java.util.concurrent.ExecutionException error) {
          store.undo();
          say("waits", "reason", String.valueOf(error.getMessage()));
          Thread.sleep(1000);
        }
      }
    }
  }

  private static Properties settings() {
    Properties found = new Properties();
    found.put("bootstrap.servers", env("KAFKA_BOOTSTRAP", "localhost:9092"));
    found.put("key.deserializer", ByteArrayDeserializer.class);
    found.put("value.deserializer", ByteArrayDeserializer.class); // so that a record that is no event does not stop us
    found.put("enable.auto.commit", "false"); // the position is in our store, not in Kafka's
    found.put("auto.offset.reset", "none"); // it is we who decide where to begin
    found.put("isolation.level", "read_committed");
    String name = System.getenv("KAFKA_USERNAME");
    if (name != null) {
      String login = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";";
      found.put("security.protocol", "SASL_SSL");
      found.put("sasl.mechanism", "SCRAM-SHA-512");
      found.put("sasl.jaas.config", login.formatted(name, System.getenv("KAFKA_PASSWORD")));
    }
    String authority = System.getenv("KAFKA_CA_FILE");
    if (name != null && authority != null) { // without it, those that Java knows are trusted
      found.put("ssl.truststore.type", "PEM");
      found.put("ssl.truststore.location", authority);
    }
    return found;
  }

  // -- what a record means

  /** One record takes effect. What cannot be read is set aside, and the rest goes on. */
  private void take(ConsumerRecord<byte[], byte[]> record) throws SQLException {
    String key = record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
    try {
      CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
      long sequence = Long.parseLong((String) event.getExtension("sequence"));
      if (key == null || key.isEmpty()) {
        throw new IllegalArgumentException("no key");
      }
      if (record.value() == null) { // an erasure, whatever its type is
        store.take(key, sequence, null);
        store.forget(key);
      } else if (STATES.contains(event.getType())) { // types that we do not know are passed over
        store.take(key, sequence, entry(event.getData().toBytes()));
      }
    } catch (RuntimeException | java.io.IOException error) {
      String reason = error.getClass().getSimpleName();
      store.setAside(record.partition(), record.offset(), key, reason, record.value());
      say("set_aside", "partition", record.partition(), "offset", record.offset(), "reason", reason);
    }
  }

  /** What the directory keeps of a profile; null if it is not public. Fields that we do not know are not looked at. */
  private static ObjectNode entry(byte[] value) throws java.io.IOException {
    JsonNode state = JSON.readTree(value);
    if (!state.path("state").isTextual()) {
      throw new IllegalArgumentException("no state of a profile");
    }
    if (!state.get("state").asText().equals("published")) {
      return null;
    }
    ObjectNode kept = JSON.createObjectNode();
    kept.set("names", state.hasNonNull("names") ? state.get("names") : JSON.createObjectNode());
    kept.put("country", state.path("country").asText());
    return kept.put("offers", state.path("offers").size());
  }

  // -- reading

  /** A look, and what comes until the next one. */
  private void turn() throws Exception {
    long at = System.currentTimeMillis();
    Map<TopicPartition, Long> ends = look();
    boolean isWhole = false;
    while (System.currentTimeMillis() < at + LOOK_EVERY_MS) {
      if (!readSome()) {
        return;
      }
      if (!isWhole && ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        isWhole = true;
        store.isWhole(at);
        say("whole", "taken", store.reading().taken());
      }
    }
  }

  /**
   * Finds the topic as it is now, and begins again where what was read before does not count any more. Returns the ends
   * of its partitions.
   */
  private Map<TopicPartition, Long> look() throws Exception {
    TopicDescription topic = admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC);
    List<TopicPartition> partitions =
        IntStream.range(0, topic.partitions().size()).mapToObj(number -> new TopicPartition(TOPIC, number)).toList();
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    String reason = whyAgain(topic.topicId().toString(), begins, ends);
    if (reason != null) {
      say("begins", "reason", reason);
      store.begin(topic.topicId().toString());
      consumer.unsubscribe();
    }
    if (!consumer.assignment().equals(Set.copyOf(partitions))) {
      consumer.assign(partitions);
      Map<Integer, Long> positions = store.positions();
      partitions.forEach(tp -> consumer.seek(tp, positions.getOrDefault(tp.partition(), begins.get(tp))));
    }
    return ends;
  }

  /** Why everything has to be read again; null if we can go on. */
  private String whyAgain(String id, Map<TopicPartition, Long> begins, Map<TopicPartition, Long> ends)
      throws SQLException {
    Store.Reading was = store.reading();
    if (was == null) {
      return "first start";
    }
    if (!was.topicId().equals(id)) {
      return "the topic was made again";
    }
    if (System.currentTimeMillis() - was.wholeAt() > MAX_ABSENCE_MS) {
      return "away for longer than erasures stay";
    }
    for (Map.Entry<Integer, Long> position : store.positions().entrySet()) {
      TopicPartition tp = new TopicPartition(TOPIC, position.getKey());
      if (position.getValue() < begins.getOrDefault(tp, 0L) || position.getValue() > ends.getOrDefault(tp, 0L)) {
        return "the log does not hold our position";
      }
    }
    return null;
  }

  /** Takes what has come, a transaction for the records of each partition. False: it is time for another look. */
  private boolean readSome() throws SQLException {
    ConsumerRecords<byte[], byte[]> found;
    try {
      found = consumer.poll(Duration.ofMillis(300));
    } catch (InvalidOffsetException error) {
      return false;
    }
    for (TopicPartition tp : found.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> records = found.records(tp);
      for (ConsumerRecord<byte[], byte[]> record : records) {
        take(record);
      }
      long next = records.get(records.size() - 1).offset() + 1;
      store.commit(tp.partition(), next);
      say("took", "partition", tp.partition(), "records", records.size(), "next", next);
    }
    return true;
  }

  // -- small things

  /** One line of the log. Ids and counts, no content. */
  private static void say(String event, Object... what) {
    ObjectNode line = JSON.createObjectNode().put("event", event);
    for (int i = 0; i < what.length; i += 2) {
      line.putPOJO((String) what[i], what[i + 1]);
    }
    System.out.println(line);
  }

  private static String env(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }
}
