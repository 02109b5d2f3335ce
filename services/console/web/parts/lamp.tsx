/** The safety lamp. It burns when something waits for a person. */
export function Lamp({ lit }: { readonly lit: boolean }) {
  return (
    <svg class={lit ? 'lamp lit' : 'lamp'} viewBox="0 0 24 24" aria-hidden="true">
      <circle class="glow" cx="12" cy="13" r="8" />
      <path d="M9.5 4.5a2.5 2.5 0 0 1 5 0" />
      <path d="M7 8h10l-1-3.5H8zM8.5 8v9m7-9v9M6.5 21h11l-1-4h-9z" />
      <path
        class="fire"
        d="M12 15.5c-1.4 0-2-.9-2-1.9 0-1.3 1.4-1.8 2-3.6.6 1.8 2 2.3 2 3.6 0 1-.6 1.9-2 1.9z"
      />
    </svg>
  );
}
