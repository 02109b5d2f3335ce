import type { Kafka, KafkaMessage } from 'kafkajs';

/**
 * What the bus uses of kafkajs 2.2.4's own view of the servers (src/cluster/index.js): reading without a group, and
 * leaving a group in the name of a former member, are in no public call.
 */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findBroker(of: { nodeId: string }): Promise<Broker>;
  findGroupCoordinator(of: { groupId: string }): Promise<Broker>;
}

export interface Broker {
  fetch(request: object): Promise<{ responses: { partitions: { messages: FetchedMessage[] }[] }[] }>;
  leaveGroup(of: { groupId: string; memberId: string }): Promise<unknown>;
}

export type FetchedMessage = KafkaMessage & { isControlRecord: boolean };

/** The client's own factory of clusters. The caller disconnects. */
export function createCluster(client: Kafka): Cluster {
  const create = Object.getOwnPropertySymbols(client).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const factory = create && (client as unknown as Record<symbol, (options: object) => Cluster>)[create];
  if (!factory)
    throw new Error('kafkajs 2.2.4 has private:Kafka:createCluster: is another version installed?');
  return factory({ allowAutoTopicCreation: false, metadataMaxAge: 300_000 });
}
