import { html, type Html } from '../html.ts';
import { LIMITS } from '../limits.ts';

/** What the signs mean. */
export function readingSection(): Html {
  return html` <section class="reading" aria-labelledby="reading">
    <h2 id="reading">How to read the figures</h2>
    <dl class="facts">
      <div>
        <dt>no sign</dt>
        <dd>counted in the log, byte for byte</dd>
      </div>
      <div>
        <dt>≈</dt>
        <dd>
          an estimate, or the rate of this log carried to a day; where there is a range, 95 % of such
          estimates lie in it
        </dd>
      </div>
      <div>
        <dt>≥</dt>
        <dd>
          a lower bound: the log lacks something that the policy would write; the details of the rule say what
        </dd>
      </div>
      <div>
        <dt>≤</dt>
        <dd>an upper bound, for the same reason</dd>
      </div>
      <div>
        <dt>unknown</dt>
        <dd>the log does not tell</dd>
      </div>
      <div>
        <dt>bytes</dt>
        <dd>
          those of a log file, an event as JSON on a line of its own, not compressed; 1 MB is 1,000,000 bytes
        </dd>
      </div>
      <div>
        <dt>rules</dt>
        <dd>count from 1; in paths such as <code>rules[0]</code> from 0, as kube-apiserver does</dd>
      </div>
      <div>
        <dt>…</dt>
        <dd>
          a name that was cut after ${LIMITS.nameLength} characters; what cannot be seen in a name stands as
          <code>\\u{…}</code>
        </dd>
      </div>
    </dl>
    <p class="note">
      Names of users, resources and paths are what clients sent. Bodies of requests and responses are not on
      this page. It asks nothing of the network.
    </p>
  </section>`;
}
