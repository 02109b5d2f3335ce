import { expect, test } from 'vitest';
import { beginAlert, growAlert, memberOf } from '#libs/casework/alert-life.ts';
import { idOf } from '#libs/ledger/ids.ts';
import { noticesOf } from '#libs/ledger/notices.ts';
import { aFinding } from '#test/contract/ledger/samples.ts';

const first = aFinding();
const begun = beginAlert('alert-1', first, memberOf(first, 'medium'));

test('a notice has the same identity on every replay, and another in another episode', () => {
  const [once] = noticesOf(begun, first, 1);
  const [again] = noticesOf(begun, first, 2);
  expect(again?.id).toBe(once?.id);
  const end = growAlert(begun.life, 'deviation', memberOf({ ...first, status: 'closed' }, 'medium'));
  const reopened = growAlert(end.life, 'deviation', memberOf({ ...first, updatedMs: 9_000 }, 'medium'));
  const [other] = noticesOf(reopened, first, 3);
  expect(other?.event).toBe('opened');
  expect(other?.id).not.toBe(once?.id);
});

test('an identity is fit for a job: letters, digits and a hyphen', () => {
  expect(idOf('notice', 'a', 1)).toMatch(/^notice-[0-9a-f]{32}$/);
  expect(idOf('notice', 'a', 'b')).not.toBe(idOf('notice', 'ab'));
});

test('a notice accuses nobody', () => {
  const [notice] = noticesOf(begun, first, 1);
  expect(notice?.body).not.toMatch(/illegal|guilty|fraud|crime|offen[cs]e/i);
  expect(JSON.parse(notice?.body ?? '')).toMatchObject({
    event: 'opened',
    findings: [{ unseen: first.unseen }],
  });
});
