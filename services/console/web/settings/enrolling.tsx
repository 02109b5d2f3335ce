/** How another machine comes in. */
export function Enrolling() {
  return (
    <section class="card stack tight" aria-labelledby="enrolling">
      <h2 id="enrolling">Enrolling a node</h2>
      <p>On the machine of the gateway, make a one-time token:</p>
      <pre>npx davylamp enrol node-2 --site oslo --tenant us</pre>
      <p>It prints the one command to run on the other machine, good for 24 hours:</p>
      <pre>npx davylamp join https://gateway:8443 TOKEN --fingerprint … --node node-2</pre>
      <p class="small soft">
        Its key is enrolled with the token. A node leaves the board by Decommission, on its own page.
      </p>
    </section>
  );
}
