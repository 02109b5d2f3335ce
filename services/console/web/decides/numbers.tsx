import type { DecidesView } from '../../api/contract/decides.ts';
import { Prose } from './prose.tsx';

type Parameter = DecidesView['fixed'][number] & { readonly source?: string };

/** Every parameter and fixed number, with its value, meaning and source. */
export function Numbers({ parts, parameters, fixed }: Pick<DecidesView, 'parts' | 'parameters' | 'fixed'>) {
  return (
    <section class="stack" aria-labelledby="parameters">
      <h2 id="parameters">Every threshold and weight</h2>
      {Object.entries(parts).map(([part, title]) => (
        <Table key={part} title={title} rows={parameters.filter((one) => one.part === part)} />
      ))}
      <Table title="Numbers of the code that are no parameters" rows={fixed} />
    </section>
  );
}

function Table({ title, rows }: { readonly title: string; readonly rows: readonly Parameter[] }) {
  return (
    <div class="stack tight">
      <h3>{title}</h3>
      <section class="scroll" tabIndex={0} aria-label={title}>
        <table class="small decides-numbers">
          <thead>
            <tr>
              <th scope="col" class="number">
                Value
              </th>
              <th scope="col">Meaning</th>
              <th scope="col">Source</th>
              <th scope="col">Name</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, value, unit, meaning, source }) => (
              <tr key={name}>
                <td class="number">
                  <strong>{value.toLocaleString('en-GB')}</strong> <span class="soft">{unit}</span>
                </td>
                <td>
                  <Prose text={meaning} />
                </td>
                <td class="soft">
                  <Prose text={source ?? 'chosen by hand'} />
                </td>
                <td>
                  <code>{name}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
