import { TOPICS, type TopicSpec } from '#libs/model/topics.ts';

/** Who reads what: consumer groups and their topics. A new group belongs here: `status` and `backup` ask it. */
export const CONSUMERS = [
  { group: 'writer', topics: [TOPICS.frames, TOPICS.observations] },
  { group: 'detector-1', topics: [TOPICS.frames] },
  { group: 'detector-2', topics: [TOPICS.observations, TOPICS.readings] },
  { group: 'alerter', topics: [TOPICS.findings] },
] as const satisfies readonly { readonly group: string; readonly topics: readonly TopicSpec[] }[];
