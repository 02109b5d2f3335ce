interface Props<Choice extends string> {
  readonly label: string;
  readonly chosen: Choice;
  readonly choices: readonly (readonly [Choice, string])[];
  readonly choose: (choice: Choice) => void;
}

/** One of a few: buttons side by side. */
export function Segments<Choice extends string>({ label, chosen, choices, choose }: Props<Choice>) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {choices.map(([choice, text]) => (
        <button type="button" key={choice} aria-pressed={choice === chosen} onClick={() => choose(choice)}>
          {text}
        </button>
      ))}
    </div>
  );
}
