import { useState } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { textOf } from '../parts/form-text.ts';
import { changePassword, currentSession } from '../session.ts';

const ROLE_WORDS = {
  tenant: 'sees the data of one tenant',
  viewer: 'sees everything',
  operator: 'sees everything, and acts on alerts and silences',
  admin: 'sees everything, and acts on alerts, silences, people and nodes',
};

export function Password() {
  const { person } = currentSession();
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    try {
      await changePassword(textOf(form, 'current'), textOf(form, 'next'));
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem.message);
    }
  };
  return (
    <section class="card stack" aria-labelledby="me">
      <h2 id="me">You</h2>
      <p>
        <strong>{person.name}</strong>, {person.role}: {ROLE_WORDS[person.role]}
        {person.tenant === null ? '' : ` (${person.tenant})`}.
      </p>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <input type="hidden" name="username" autoComplete="username" value={person.name} />
        <label class="field">
          <span>Present password</span>
          <input name="current" type="password" autoComplete="current-password" required />
        </label>
        <label class="field">
          <span>New password, at least 12 characters</span>
          <input name="next" type="password" autoComplete="new-password" minLength={12} required />
        </label>
        {error && (
          <p class="notice bad" role="alert">
            {error}
          </p>
        )}
        <p class="small soft">It ends your sessions everywhere: you log in again with the new one.</p>
        <div>
          <button type="submit">Change password</button>
        </div>
      </form>
    </section>
  );
}
