import { Empty } from '../parts/states.tsx';

export function NoNodes() {
  return (
    <Empty title="No node has reported yet">
      <p>
        The machine that runs <code>npm start</code> reports by itself within a minute. Another machine joins
        through the gateway; here, make it a one-time token:
      </p>
      <pre>npx davylamp enrol node-2 --site oslo --tenant us</pre>
      <p>
        That prints the one command to run on the other machine, in a checkout. Its first verdict comes a
        minute after its first report. To look around first, <code>npm run demo</code> brings a simulated
        fleet.
      </p>
    </Empty>
  );
}
