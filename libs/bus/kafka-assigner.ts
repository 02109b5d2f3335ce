import kafkajs, { type PartitionAssigner } from 'kafkajs';

const { AssignerProtocol } = kafkajs;
const VERSION = 0;

/**
 * Gives partition n of every topic to the same member: a consumer that joins two topics, as the detector's second
 * stage does, finds what belongs together in one place. Members are taken in turn, in the order of their ids.
 * kafkajs' own round-robin counts on through the topics and does so only by luck.
 */
export const copartitioned: PartitionAssigner = ({ cluster }) => ({
  name: 'CopartitionedAssigner',
  version: VERSION,
  async assign({ members, topics }) {
    const ids = members.map(({ memberId }) => memberId).sort();
    const partitionsOf = (topic: string) =>
      cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
    return ids.map((memberId, place) => {
      const ours = (topic: string) =>
        partitionsOf(topic).filter((partition) => partition % ids.length === place);
      const assignment = Object.fromEntries(topics.map((topic) => [topic, ours(topic)]));
      const encoded = AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment,
        userData: Buffer.alloc(0),
      });
      return { memberId, memberAssignment: encoded };
    });
  },
  protocol({ topics }) {
    const metadata = AssignerProtocol.MemberMetadata.encode({
      version: VERSION,
      topics,
      userData: Buffer.alloc(0),
    });
    return { name: this.name, metadata };
  },
});
