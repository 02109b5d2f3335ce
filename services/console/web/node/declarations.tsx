import { BEHAVIOURS } from '#libs/model/behaviour.ts';
import type { DossierView } from '../../api/contract/node.ts';
import { inUnit, metricName } from '../format.ts';
import { When } from '../parts/when.tsx';
import type { MetricInfo } from './chart-data.ts';

interface Props {
  readonly declarations: DossierView['declarations'];
  /** `id@version` of the one that the newest window was compared with. */
  readonly inForce: string | null;
  readonly catalogue: readonly MetricInfo[];
}

/** What the node was said to be for, newest version first. Former versions stay readable. */
export function Declarations({ declarations, inForce, catalogue }: Props) {
  const unitOf = (name: string) => catalogue.find((metric) => metric.name === name)?.unit;
  return (
    <section class="card stack" aria-labelledby="declarations">
      <h2 id="declarations">Declarations</h2>
      {declarations.length === 0 && (
        <p class="soft">
          Nobody has said what this node is for, so a deviation cannot be seen. A declaration is made with{' '}
          <code>npx davylamp declare</code>.
        </p>
      )}
      {declarations.map((declaration) => (
        <article key={`${declaration.id}@${declaration.version}`} class="stack tight">
          <h3>
            {declaration.id}, version {declaration.version}{' '}
            {inForce === `${declaration.id}@${declaration.version}` && (
              <span class="tag strong">in force</span>
            )}
          </h3>
          <p>
            {declaration.behaviours.map((behaviour) => `${behaviour} ${BEHAVIOURS[behaviour]}`).join(', ')}
          </p>
          {declaration.envelope.length > 0 && (
            <ul class="small">
              {declaration.envelope.map(({ metric, min, max }) => (
                <li key={metric}>
                  {metricName(metric)} <span class="soft">{metric}</span>:{' '}
                  {boundInWords(min, max, unitOf(metric))}
                </li>
              ))}
            </ul>
          )}
          <p class="small soft">
            For {declaration.tenant}, approved by {declaration.approver}, from{' '}
            <When ms={declaration.validFromMs} by="clock" />
            {declaration.validToMs === null ? '' : ' to '}
            {declaration.validToMs !== null && <When ms={declaration.validToMs} by="clock" />}
          </p>
        </article>
      ))}
    </section>
  );
}

/** As the charts write it; a metric that is not in the catalogue without a unit. */
function boundInWords(min: number | null, max: number | null, unit: string | undefined): string {
  const write = (value: number) => (unit === undefined ? String(value) : inUnit(value, unit));
  if (min !== null && max !== null) return `${write(min)} to ${write(max)}`;
  if (max !== null) return `at most ${write(max)}`;
  return min === null ? 'any' : `at least ${write(min)}`;
}
