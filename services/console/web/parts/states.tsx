import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api.ts';

/** Nothing to show, and what would bring something. */
export function Empty({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Holds the place of what is being loaded, so that nothing moves when it comes. */
export function Waiting({ height, label }: { readonly height: number; readonly label: string }) {
  return (
    <div class="waiting" style={{ height: `${height}px` }} role="status">
      <span>{label} …</span>
    </div>
  );
}

interface FailureProps {
  readonly error: ApiError;
  readonly retry?: () => void;
}

/** What an address names is not there, or it is not this person's: which of the two is not said. */
export function NotThere({ what, name, error, retry }: FailureProps & Record<'what' | 'name', string>) {
  if (error.status !== 404) return <Failure error={error} {...(retry ? { retry } : {})} />;
  return (
    <p class="notice" role="alert">
      There is no {what} <code>{name}</code>, or it is not yours to see.
    </p>
  );
}

export function Failure({ error, retry }: FailureProps) {
  return (
    <div class="notice bad row spread" role="alert">
      <span>{error.message}</span>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
