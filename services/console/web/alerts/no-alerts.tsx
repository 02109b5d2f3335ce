import { Empty } from '../parts/states.tsx';

export function NoAlerts({ usual }: { readonly usual: boolean }) {
  if (!usual)
    return (
      <Empty title="No alert fits these filters">
        <p>
          <a href="/alerts">The usual view</a> shows what is open, escalated or acknowledged.
        </p>
      </Empty>
    );
  return (
    <Empty title="Nothing waits for a person">
      <p>
        That is what was seen, not all there is. These would raise an alert: a node leaves the envelope that
        was declared for it; it goes silent; its clock drifts; two senders use one name.
      </p>
      <p>Without a declaration a deviation cannot be seen. Say what a machine is for:</p>
      <pre>
        {`npx davylamp declare office-pc node-1 --tenant us --approver "A. Name" \\
  --behaviour B0 --bound cpu_utilization_ratio=0..0.3`}
      </pre>
    </Empty>
  );
}
