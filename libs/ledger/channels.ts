import type { ChannelRegister } from './alert-port.ts';
import type { LedgerDatabase } from './schema.ts';
import { transact } from './transact.ts';

export function channelRegister(db: LedgerDatabase): ChannelRegister {
  return {
    report: (channels) =>
      transact(db, async (transaction) => {
        const names = channels.map(({ name }) => name);
        const all = transaction.deleteFrom('channel');
        await (names.length === 0 ? all : all.where('name', 'not in', names)).execute();
        for (const { name, target, reportedMs } of channels) {
          await transaction
            .insertInto('channel')
            .values({ name, target, reportedMs, digestedMs: reportedMs })
            .onConflict((conflict) => conflict.column('name').doUpdateSet({ target, reportedMs }))
            .execute();
        }
      }),
    async list() {
      return await db
        .selectFrom('channel')
        .select(['name', 'target', 'reportedMs'])
        .orderBy('name')
        .execute();
    },
    async digestedMs(channel) {
      const row = await db
        .selectFrom('channel')
        .select('digestedMs')
        .where('name', '=', channel)
        .executeTakeFirst();
      return row?.digestedMs ?? null;
    },
    async digested(channel, untilMs) {
      await db
        .updateTable('channel')
        .set({ digestedMs: untilMs })
        .where('name', '=', channel)
        .where('digestedMs', '<', untilMs)
        .execute();
    },
  };
}
