import type { DecidesView } from '../../api/contract/decides.ts';
import { count } from '../format.ts';
import { chance } from './bins.ts';

type Measured = NonNullable<DecidesView['calibration']['measured']>;

/** How far the probabilities can be taken at their word. */
export function CalibrationCard({ calibration }: Pick<DecidesView, 'calibration'>) {
  const { measured, command } = calibration;
  return (
    <section class="card stack tight" aria-labelledby="calibration">
      <div class="section-head">
        <h2 id="calibration">Calibration: said, and so</h2>
        {measured && <span class="tag simulated">{measured.data}</span>}
      </div>
      {measured ? (
        <Plotted measured={measured} />
      ) : (
        <p>
          Not measured yet for this detector and these parameters. <code>{command}</code> measures it.
        </p>
      )}
      {measured && (
        <p class="small soft">
          Simulated runs that no fit has seen, each family as often as any other. The last curve counts them
          as often as the priors below take them to be; in a real fleet work that nobody declares may be rarer
          still, and then more of what is flagged is not so. Intervals of 95 % count runs. Measured by{' '}
          <code>{command}</code>; on recordings by{' '}
          <code>davylamp evaluate --traces DIR --report FILE.html</code>.
        </p>
      )}
    </section>
  );
}

function Plotted({ measured: { curves, data } }: { readonly measured: Measured }) {
  return (
    <>
      <div class="decides-calibration">
        {curves.map((curve) => (
          <figure key={curve.name}>
            <figcaption>Probability of {curve.name}</figcaption>
            <Plot curve={curve} />
          </figure>
        ))}
      </div>
      <details>
        <summary class="small soft">As a table</summary>
        <section class="scroll tall decides-details" tabIndex={0} aria-label={`Said and so, ${data}`}>
          <Points curves={curves} />
        </section>
      </details>
    </>
  );
}

const HEAD = ['Said', 'Was so', 'Windows'];

function Points({ curves }: Pick<Measured, 'curves'>) {
  return (
    <table class="small">
      <thead>
        <tr>
          <th scope="col">Probability of</th>
          {HEAD.map((text) => (
            <th scope="col" class="number" key={text}>
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {curves.flatMap(({ name, points }) =>
          points.map((point) => (
            <tr key={`${name} ${point.said}`}>
              <td>{name}</td>
              <td class="number nowrap">{chance(point.said)}</td>
              <td class="number nowrap">
                {chance(point.held)}{' '}
                <span class="soft">
                  ({chance(point.low)} to {chance(point.high)})
                </span>
              </td>
              <td class="number">{count(point.windows)}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  );
}

const SIDE = 230;
const LEFT = 44;
const TOP = 10;
const GRID = [0, 0.25, 0.5, 0.75, 1];
const x = (ratio: number) => LEFT + SIDE * ratio;
const y = (ratio: number) => TOP + SIDE * (1 - ratio);

function Plot({ curve: { name, points } }: { readonly curve: Measured['curves'][number] }) {
  return (
    <svg
      class="decides-plot"
      viewBox={`0 0 ${LEFT + SIDE + 16} ${TOP + SIDE + 40}`}
      role="img"
      aria-label={`Probability said of ${name}, across, and the share of windows in which it was so, upwards; on the diagonal both are equal. The table below has the numbers.`}
    >
      {GRID.map((ratio) => (
        <g key={ratio}>
          <line class="grid" x1={x(0)} x2={x(1)} y1={y(ratio)} y2={y(ratio)} />
          <text x={x(0) - 6} y={y(ratio) + 4} text-anchor="end">
            {100 * ratio}
          </text>
          <text x={x(ratio)} y={y(0) + 16} text-anchor="middle">
            {100 * ratio}
          </text>
        </g>
      ))}
      <line class="diagonal" x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      {points.map(({ said, held, low, high }) => (
        <g key={said}>
          <line class="interval" x1={x(said)} x2={x(said)} y1={y(low)} y2={y(high)} />
          <circle class="mark" cx={x(said)} cy={y(held)} r={4} />
        </g>
      ))}
      <text x={x(0.5)} y={y(0) + 34} text-anchor="middle">
        said, %
      </text>
      <text x={x(0) + 6} y={y(1) + 14}>
        was so, %
      </text>
    </svg>
  );
}
