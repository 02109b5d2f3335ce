import { expect, test } from 'vitest';
import { DeliveryError } from '#libs/runtime/errors.ts';
import { FanOut } from '#services/alerter/channels/fan-out.ts';

/** Receivers that refuse as often as told, and what each was sent. */
function world(refusals: Record<string, number>, patience = 3) {
  const sent: string[] = [];
  const fanOut = new FanOut(Object.keys(refusals));
  const deliver = (id = 'n1', isRepeat = false) =>
    fanOut.deliver(
      id,
      async (asked) => {
        sent.push(asked.join('+'));
        return asked
          .filter((receiver) => (refusals[receiver] ?? 0) > 0)
          .map((receiver) => {
            refusals[receiver] = (refusals[receiver] ?? 0) - 1;
            return { receiver, reason: `${receiver} said no`, patience };
          });
      },
      isRepeat,
    );
  return { sent, deliver, fanOut };
}

test('sends to all at once, and to all again the next time', async () => {
  const { sent, deliver } = world({ a: 0, b: 0 });
  await deliver();
  await deliver();
  expect(sent).toEqual(['a+b', 'a+b']);
});

test('sends again only to those who did not take it', async () => {
  const { sent, deliver } = world({ a: 0, b: 1, c: 2 });
  await expect(deliver()).rejects.toThrow(new DeliveryError('b said no; c said no (1 of 3 have it)'));
  await expect(deliver()).rejects.toThrow('c said no (2 of 3 have it)');
  await deliver();
  expect(sent).toEqual(['a+b+c', 'b+c', 'c']);
});

test('counts as delivered once the patience with those who refuse is used up', async () => {
  const { deliver } = world({ a: 0, b: 99 }, 2);
  await expect(deliver()).rejects.toThrow('b said no');
  await deliver();
});

test('is patient with each receiver by itself', async () => {
  const { deliver } = world({ a: 0, b: 3, c: 1 }, 2);
  await expect(deliver()).rejects.toThrow('b said no; c said no');
  await deliver();
});

test('never gives up what nobody has', async () => {
  const { deliver } = world({ a: 99, b: 99 }, 2);
  for (let attempt = 0; attempt < 5; attempt++)
    await expect(deliver()).rejects.toThrow(new DeliveryError('a said no; b said no'));
});

test('is content with one who takes a repeat, and not with none', async () => {
  const { deliver, fanOut } = world({ a: 0, b: 99 }, 2);
  expect(fanOut.hasDelivered('n1')).toBe(false);
  await deliver('n1', true);
  expect(fanOut.hasDelivered('n1')).toBe(true);
  const nobody = world({ a: 99, b: 99 }, 2);
  await expect(nobody.deliver('n1', true)).rejects.toThrow('a said no; b said no');
});

test('keeps notices apart', async () => {
  const { sent, deliver } = world({ a: 0, b: 1 });
  await expect(deliver('n1')).rejects.toThrow('b said no');
  await deliver('n2');
  await deliver('n1');
  expect(sent).toEqual(['a+b', 'a+b', 'b']);
});

test('knows who has a notice after a failure of the whole way', async () => {
  const fanOut = new FanOut(['a', 'b']);
  const asked: string[] = [];
  const send = (outcome: 'a only' | 'away') => async (receivers: readonly string[]) => {
    asked.push(receivers.join('+'));
    if (outcome === 'away') throw new DeliveryError('away');
    return [{ receiver: 'b', reason: 'b said no', patience: 9 }];
  };
  await expect(fanOut.deliver('n1', send('a only'))).rejects.toThrow('b said no');
  await expect(fanOut.deliver('n1', send('away'))).rejects.toThrow('away');
  await expect(fanOut.deliver('n1', send('a only'))).rejects.toThrow('b said no');
  expect(asked).toEqual(['a+b', 'b', 'b']);
});
