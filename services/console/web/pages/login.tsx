import { useState } from 'preact/hooks';
import { ApiError } from '../api.ts';
import { textOf } from '../parts/form-text.ts';
import { Lamp } from '../parts/lamp.tsx';
import { farewell, logIn } from '../session.ts';
import { useStore } from '../store.ts';

export function LoginPage() {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const parting = useStore(farewell);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await logIn({ name: textOf(form, 'name').trim(), password: textOf(form, 'password') });
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem.message);
      setBusy(false);
    }
  };
  return (
    <main class="login" id="main">
      <header>
        <Lamp lit />
        <h1>davylamp</h1>
        <p>It measures and explains. A named person decides.</p>
      </header>
      <form class="card stack" onSubmit={(event) => void submit(event)}>
        {parting && (
          <p class="notice" role="status">
            {parting}
          </p>
        )}
        <label class="field">
          <span>Name</span>
          <input name="name" autoComplete="username" required autoCapitalize="none" spellcheck={false} />
        </label>
        <label class="field">
          <span>Password</span>
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {error && (
          <p class="notice bad" role="alert">
            {error}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          Log in
        </button>
        <p class="small soft">
          First start: the name <code>admin</code> and its password stand in the console's output. Nobody has
          an account for you? An admin makes one under Settings.
        </p>
      </form>
    </main>
  );
}
