import { useState } from 'preact/hooks';
import { ROLES, type Role } from '#libs/model/person.ts';
import type { PersonView } from '../../api/contract/people.ts';
import { send } from '../api.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { textOf } from '../parts/form-text.ts';

/** Somebody with a password that the product made. */
export interface Made {
  readonly name: string;
  readonly password: string;
}

interface AddProps {
  readonly close: () => void;
  readonly done: (made: Made) => void;
}

export function AddPerson({ close, done }: AddProps) {
  return (
    <FormDialog
      title="Add a person"
      confirm="Add"
      onClose={close}
      onConfirm={async (form) =>
        done(
          await send<Made>('POST', '/api/people', { name: textOf(form, 'name').trim(), ...readPlace(form) }),
        )
      }
    >
      <label class="field">
        <span>Name</span>
        <input name="name" required maxLength={64} autoComplete="off" />
      </label>
      <Place first={{ role: 'viewer', tenant: null }} />
    </FormDialog>
  );
}

interface ChangeProps {
  readonly person: PersonView;
  readonly close: () => void;
  readonly done: () => void;
}

export function ChangePerson({ person, close, done }: ChangeProps) {
  return (
    <FormDialog
      title={`What ${person.name} may do`}
      confirm="Change"
      onClose={close}
      onConfirm={async (form) => {
        await send<PersonView>('PATCH', `/api/people/${encodeURIComponent(person.name)}`, readPlace(form));
        done();
      }}
    >
      <p class="soft">A change ends their sessions: they log in again.</p>
      <Place first={person} />
    </FormDialog>
  );
}

/** The role, and the tenant where it has one. */
function Place({ first }: { readonly first: Pick<PersonView, 'role' | 'tenant'> }) {
  const [role, setRole] = useState<Role>(first.role);
  return (
    <>
      <label class="field">
        <span>Role</span>
        <select
          name="role"
          value={role}
          onChange={(event) => setRole(ROLES.find((one) => one === event.currentTarget.value) ?? first.role)}
        >
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      {role === 'tenant' && (
        <label class="field">
          <span>Tenant whose data they see</span>
          <input name="tenant" defaultValue={first.tenant ?? ''} required maxLength={128} />
        </label>
      )}
    </>
  );
}

function readPlace(form: FormData): { role: string; tenant: string | null } {
  const role = textOf(form, 'role');
  return { role, tenant: role === 'tenant' ? textOf(form, 'tenant').trim() : null };
}
