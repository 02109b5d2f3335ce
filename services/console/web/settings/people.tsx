import { useState } from 'preact/hooks';
import type { PersonView } from '../../api/contract/people.ts';
import { ApiError, send } from '../api.ts';
import { Failure, Waiting } from '../parts/states.tsx';
import { When } from '../parts/when.tsx';
import { currentSession } from '../session.ts';
import { useLoad } from '../use-load.ts';
import { AddPerson, ChangePerson, type Made } from './person-dialogs.tsx';

/** Who may log in. Passwords are made by the product, shown once, and changed by their owners. */
export function People() {
  const { data, error, reload } = useLoad<readonly PersonView[]>('/api/people');
  const [asked, ask] = useState<'new' | PersonView | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const act = async (work: () => Promise<unknown>) => {
    try {
      await work();
      setProblem(null);
      reload();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setProblem(failure);
    }
  };
  return (
    <section class="card stack wide" aria-labelledby="people">
      <div class="section-head">
        <h2 id="people">People</h2>
        <button type="button" onClick={() => ask('new')}>
          Add a person
        </button>
      </div>
      {made && <NewPassword made={made} close={() => setMade(null)} />}
      {(error ?? problem) && <Failure error={error ?? problem ?? never()} />}
      {!data && !error && <Waiting height={160} label="Loading the people" />}
      {data && <Table people={data} act={act} setMade={setMade} change={ask} />}
      {asked === 'new' && (
        <AddPerson
          close={() => ask(null)}
          done={(person) => {
            setMade(person);
            reload();
          }}
        />
      )}
      {asked !== null && asked !== 'new' && (
        <ChangePerson person={asked} close={() => ask(null)} done={reload} />
      )}
    </section>
  );
}

function never(): never {
  throw new Error('one of the two is there');
}

function NewPassword({ made, close }: { readonly made: Made; readonly close: () => void }) {
  return (
    <div class="notice row spread" role="status">
      <span>
        The password of <strong>{made.name}</strong> is <code>{made.password}</code>. It is shown only now.
      </span>
      <button type="button" onClick={close}>
        I have it
      </button>
    </div>
  );
}

interface TableProps {
  readonly people: readonly PersonView[];
  readonly act: (work: () => Promise<unknown>) => Promise<void>;
  readonly setMade: (made: Made) => void;
  readonly change: (person: PersonView) => void;
}

function Table({ people, act, setMade, change }: TableProps) {
  const me = currentSession().person.name;
  const path = (name: string) => `/api/people/${encodeURIComponent(name)}`;
  return (
    <section class="scroll" tabIndex={0} aria-label="Table of people">
      <table>
        <thead>
          <tr>
            {['Name', 'Role', 'Tenant', 'Since', 'May log in', ''].map((title) => (
              <th key={title} scope="col">
                {title || <span class="hidden">What may be done</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.name}>
              <th scope="row">{person.name}</th>
              <td>{person.role}</td>
              <td>{person.tenant ?? '–'}</td>
              <td>
                <When ms={person.createdMs} by="clock" />
              </td>
              <td>{person.disabled ? 'no' : 'yes'}</td>
              <td>
                <div class="row">
                  <button
                    type="button"
                    aria-label={`New password for ${person.name}`}
                    onClick={() =>
                      void act(async () => setMade(await send<Made>('POST', `${path(person.name)}/password`)))
                    }
                  >
                    New password
                  </button>
                  {person.name !== me && (
                    <button
                      type="button"
                      aria-label={`Change the role of ${person.name}`}
                      onClick={() => change(person)}
                    >
                      Role
                    </button>
                  )}
                  {person.name !== me && (
                    <button
                      type="button"
                      aria-label={`${person.disabled ? 'Let in' : 'Shut out'} ${person.name}`}
                      onClick={() =>
                        void act(() => send('PATCH', path(person.name), { disabled: !person.disabled }))
                      }
                    >
                      {person.disabled ? 'Let in' : 'Shut out'}
                    </button>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
