import { useState } from 'preact/hooks';
import { ApiError, send } from '../api.ts';
import { currentSession } from '../session.ts';

const ROLE_WORDS = {
  tenant: 'sees the data of one tenant',
  viewer: 'sees everything',
  operator: 'sees everything, and acts on alerts and silences',
  admin: 'sees everything, and acts on alerts, silences, people and nodes',
};

export function Password() {
  const { person } = currentSession();
  const [said, say] = useState<{ readonly bad: boolean; readonly text: string } | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const element = event.currentTarget;
    if (!(element instanceof HTMLFormElement)) return;
    const form = new FormData(element);
    try {
      await send('POST', '/api/session/password', { current: form.get('current'), next: form.get('next') });
      element.reset();
      say({ bad: false, text: 'Your password has been changed.' });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say({ bad: true, text: error.message });
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
        {said && (
          <p class={said.bad ? 'notice bad' : 'notice'} role="status">
            {said.text}
          </p>
        )}
        <div>
          <button type="submit">Change password</button>
        </div>
      </form>
    </section>
  );
}
