import type { ActKind } from '#libs/model/alert.ts';
import type { ActView, AlertDetail } from '../../api/contract/alerts.ts';
import type { ChannelView } from '../../api/contract/settings.ts';
import { send } from '../api.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { textOf } from '../parts/form-text.ts';
import { Failure } from '../parts/states.tsx';
import { currentSession } from '../session.ts';
import { useLoad } from '../use-load.ts';
import { ACTS } from './acts.ts';

interface Props {
  readonly alert: string;
  readonly kind: ActKind;
  readonly done: (detail: AlertDetail) => void;
  readonly close: () => void;
}

const HOUR_MS = 3_600_000;
const LENGTHS = [
  ['1', '1 hour'],
  ['4', '4 hours'],
  ['24', '1 day'],
  ['72', '3 days'],
  ['168', '1 week'],
] as const;

const USUAL_HOURS = '4';

export function sendAct(alert: string, act: ActView): Promise<AlertDetail> {
  return send('POST', `/api/alerts/${encodeURIComponent(alert)}/acts`, act);
}

/** Asks for what an act needs, and does it. */
export function ActDialog({ alert, kind, done, close }: Props) {
  const words = ACTS[kind];
  return (
    <FormDialog
      title={words.title}
      confirm={words.label}
      onClose={close}
      onConfirm={async (form) => done(await sendAct(alert, readAct(kind, form)))}
    >
      <p class="soft">{words.hint}</p>
      {words.told && <Told words={words.told} />}
      {kind === 'assign' && <Assignee />}
      {kind === 'silence' && (
        <label class="field">
          <span>For</span>
          <select name="hours">
            {LENGTHS.map(([hours, text]) => (
              <option key={hours} value={hours} selected={hours === USUAL_HOURS}>
                {text}
              </option>
            ))}
          </select>
        </label>
      )}
      {kind !== 'assign' && (
        <label class="field">
          <span>{textLabel(kind)}</span>
          <textarea name="text" required={kind !== 'acknowledge'} maxLength={2000} />
        </label>
      )}
    </FormDialog>
  );
}

/** Promises nothing that no channel can keep. */
function Told({ words }: { readonly words: string }) {
  const { data } = useLoad<readonly ChannelView[]>('/api/channels');
  return data && <p class="soft">{data.length === 0 ? 'No channel is set up: nobody is told.' : words}</p>;
}

/** Oneself at first: also while the others are asked for, and where they cannot be told. */
function Assignee() {
  const me = currentSession().person.name;
  const { data, error } = useLoad<readonly string[]>('/api/people/assignable');
  return (
    <>
      <label class="field">
        <span>Name</span>
        <select name="assignee">
          {(data ?? [me]).map((name) => (
            <option key={name} value={name} selected={name === me}>
              {name}
            </option>
          ))}
          <option value="">nobody</option>
        </select>
      </label>
      {error && <Failure error={error} />}
    </>
  );
}

function textLabel(kind: ActKind): string {
  if (kind === 'comment') return 'Text';
  return kind === 'acknowledge' ? 'Reason, if you like' : 'Reason';
}

function readAct(kind: ActKind, form: FormData): ActView {
  const text = textOf(form, 'text').trim();
  switch (kind) {
    case 'acknowledge':
      return text ? { kind, reason: text } : { kind };
    case 'assign':
      return { kind, assignee: textOf(form, 'assignee') || null };
    case 'comment':
      return { kind, text };
    case 'silence':
      return { kind, untilMs: Date.now() + Number(form.get('hours')) * HOUR_MS, reason: text };
    default:
      return { kind, reason: text };
  }
}
