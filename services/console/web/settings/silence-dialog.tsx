import { FINDING_KINDS, type FindingKind } from '#libs/model/finding.ts';
import type { NewSilence, SilenceView } from '../../api/contract/settings.ts';
import { ApiError, send } from '../api.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { textOf } from '../parts/form-text.ts';

interface Props {
  readonly purpose: SilenceView['purpose'];
  readonly done: () => void;
  readonly close: () => void;
}

const HOUR_MS = 3_600_000;

export function SilenceDialog({ purpose, done, close }: Props) {
  const nowMs = Date.now();
  return (
    <FormDialog
      title={purpose === 'silence' ? 'New silence' : 'New maintenance window'}
      confirm="Begin"
      onClose={close}
      onConfirm={async (form) => {
        await send<SilenceView>('POST', '/api/silences', readSilence(purpose, form));
        done();
      }}
    >
      <p class="soft">It covers the alerts that fit every field that is filled in. At least one is.</p>
      <div class="form-pair">
        <Text name="site" label="Site" />
        <Text name="tenant" label="Tenant" />
      </div>
      <label class="field">
        <span>Kind of finding</span>
        <select name="kind">
          <option value="">any</option>
          {FINDING_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {kind}
            </option>
          ))}
        </select>
      </label>
      <Text name="nodes" label="Nodes, separated by commas" />
      <div class="form-pair">
        <label class="field">
          <span>From</span>
          <input type="datetime-local" name="from" defaultValue={localText(nowMs)} required />
        </label>
        <label class="field">
          <span>Until</span>
          <input type="datetime-local" name="until" defaultValue={localText(nowMs + 4 * HOUR_MS)} required />
        </label>
      </div>
      <label class="field">
        <span>Reason</span>
        <textarea name="reason" required maxLength={2000} />
      </label>
    </FormDialog>
  );
}

function Text({ name, label }: { readonly name: string; readonly label: string }) {
  return (
    <label class="field">
      <span>{label}</span>
      <input name={name} autoComplete="off" />
    </label>
  );
}

/** A time as the input takes it: local, to the minute. */
function localText(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** @throws ApiError when no field of the scope is filled in */
function readSilence(purpose: SilenceView['purpose'], form: FormData): NewSilence {
  const text = (name: string) => textOf(form, name).trim();
  const nodes = text('nodes')
    .split(',')
    .map((node) => node.trim())
    .filter(Boolean);
  const kind = FINDING_KINDS.find((one): one is FindingKind => one === text('kind'));
  const scope = {
    ...(text('site') ? { site: text('site') } : {}),
    ...(text('tenant') ? { tenant: text('tenant') } : {}),
    ...(kind ? { kind } : {}),
    ...(nodes.length > 0 ? { nodes } : {}),
  };
  if (Object.keys(scope).length === 0)
    throw new ApiError(
      0,
      'Fill in at least one of site, tenant, kind and nodes: nothing may silence everything.',
    );
  return {
    purpose,
    scope,
    fromMs: Date.parse(text('from')),
    untilMs: Date.parse(text('until')),
    reason: text('reason'),
  };
}
