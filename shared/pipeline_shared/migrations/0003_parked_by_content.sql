-- A place in a topic is not for ever: a topic made again, or a broker that has lost its disk, counts from 0 once more.
-- So a parked record is known by its place and a keyed digest of its value; rows from before have no digest.
-- Code from before finds no key to conflict with when it wants to park: it waits for its successor, and loses nothing.

ALTER TABLE parked ADD COLUMN digest bytea;
ALTER TABLE parked DROP CONSTRAINT parked_consumer_topic_partition_kafka_offset_key;
CREATE UNIQUE INDEX parked_record ON parked (consumer, topic, partition, kafka_offset, digest);
