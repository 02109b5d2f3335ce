import type { DecidesView } from '../../api/contract/decides.ts';

/** Text in which what stands between backticks is code. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>
  );
}

/** How a verdict comes about, in plain words, and what it cannot tell. */
export function Chapters({ chapters, limits }: Pick<DecidesView, 'chapters' | 'limits'>) {
  return (
    <div class="decides-chapters">
      {chapters.map(({ title, paragraphs }) => (
        <section key={title} class="card stack tight">
          <h2>{title}</h2>
          {paragraphs.map((text) => (
            <p key={text}>
              <Prose text={text} />
            </p>
          ))}
        </section>
      ))}
      <section class="card stack tight" aria-labelledby="limits">
        <h2 id="limits">What it cannot tell</h2>
        <dl class="decides-limits">
          {limits.map(([question, answer]) => (
            <div key={question}>
              <dt>{question}</dt>
              <dd class="soft">{answer}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}
