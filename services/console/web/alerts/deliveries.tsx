import type { DeliveryView } from '../../api/contract/alerts.ts';
import { count } from '../format.ts';
import { When } from '../parts/when.tsx';
import { EVENT_WORDS } from '../words.ts';

/** Who was told what, and what did not arrive. */
export function Deliveries({ deliveries }: { readonly deliveries: readonly DeliveryView[] }) {
  return (
    <section class="card stack tight" aria-labelledby="deliveries">
      <h2 id="deliveries">Who was told</h2>
      {deliveries.length === 0 && (
        <p class="small soft">Nobody: no channel is set up, or its turn has not come yet.</p>
      )}
      <ul class="stack tight">
        {deliveries.map((delivery) => (
          <li key={`${delivery.notice} ${delivery.channel}`}>
            <Told delivery={delivery} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Told({ delivery }: { readonly delivery: DeliveryView }) {
  const { channel, event, attempts, deliveredMs, lastError } = delivery;
  const what = EVENT_WORDS[event];
  const tries = `${count(attempts)} ${attempts === 1 ? 'try' : 'tries'}`;
  if (deliveredMs !== null)
    return (
      <p>
        <strong>{channel}</strong> was told {what}, <When ms={deliveredMs} by="clock" />
        {attempts > 1 && <span class="small soft"> after {tries}</span>}
        {lastError && <span class="small soft"> ({lastError})</span>}
      </p>
    );
  return (
    <p>
      <strong>{channel}</strong> <span class={lastError ? 'bad' : 'soft'}>is still to be told {what}</span>
      {lastError ? (
        <span class="small">
          {' '}
          after {tries}: {lastError}. It is tried again by itself.
        </span>
      ) : (
        <span class="small soft"> (waiting)</span>
      )}
    </p>
  );
}
