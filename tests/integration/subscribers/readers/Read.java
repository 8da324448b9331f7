import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Read BOOTSTRAP COUNT TOPIC...: what the SDK of CloudEvents finds in so many records, as JSON. */
public final class Read {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", arguments[0], "isolation.level", "read_committed", "auto.offset.reset", "earliest");
    List<String> topics = Arrays.asList(arguments).subList(2, arguments.length);
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    ArrayNode found = JSON.createArrayNode();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      consumer.assign(
          topics.stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList());
      while (found.size() < Integer.parseInt(arguments[1])) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          found.add(said(record));
        }
      }
    }
    ObjectNode answer = JSON.createObjectNode();
    answer.set("found", found);
    System.out.write(JSON.writeValueAsBytes(answer));
    System.out.flush();
  }

  private static ObjectNode said(ConsumerRecord<byte[], byte[]> record) throws Exception {
    CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
    ObjectNode said = JSON.createObjectNode();
    said.putArray("place").add(record.topic()).add(record.partition()).add(record.offset());
    said.put("type", event.getType()).put("id", event.getId()).put("subject", event.getSubject());
    said.put("source", event.getSource().toString()).put("time", event.getTime().toString());
    said.put("sequence", (String) event.getExtension("sequence"));
    said.put("correlationid", (String) event.getExtension("correlationid"));
    said.put("dataschema", event.getDataSchema() == null ? null : event.getDataSchema().toString());
    said.set("data", event.getData() == null ? null : JSON.readTree(event.getData().toBytes()));
    return said;
  }
}
