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
      <span class="hidden">{label}</span>
    </div>
  );
}

export function Failure({ error, retry }: { readonly error: ApiError; readonly retry?: () => void }) {
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
