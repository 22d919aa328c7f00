import { EVENTS } from '../../../src/api/events.ts';
import { REASONS } from '../../../src/api/reasons.ts';
import { titleOf } from '../../states/describe.ts';
import { STATES } from '../../states/table.ts';
import { statesPage } from '../../../tools/generate/states.ts';

describe('the state table', () => {
  test('names each row once, by an id that can be the name of a cluster', () => {
    const ids = STATES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z][a-z0-9-]{1,40}$/.test(id))).toEqual([]);
  });

  test('says of each state what it is, in words of its own', () => {
    const said = STATES.map(({ group, given }) => `${group}: ${given}`);
    expect(said.filter((text, index) => said.indexOf(text) !== index)).toEqual([]);
  });

  test('has a row for every reason', () => {
    const told = new Set<string>(
      STATES.map(({ condition }) => (typeof condition === 'string' ? '' : condition.reason)),
    );
    expect(Object.keys(REASONS).filter((reason) => !told.has(reason))).toEqual([]);
  });

  test('has a row for every event on a ClusterDeployment', () => {
    const told = new Set(STATES.flatMap(({ events }) => events.map((event) => event.split(' ')[1])));
    const onPolicies = ['PolicyRefused'];
    expect(Object.keys(EVENTS).filter((reason) => !told.has(reason) && !onPolicies.includes(reason))).toEqual(
      [],
    );
  });

  test('tells status and type as src/api has them', () => {
    const wrong = STATES.filter(({ condition, events }) => {
      const status = typeof condition === 'string' ? undefined : REASONS[condition.reason].status;
      const isStatusWrong =
        typeof condition !== 'string' && status !== 'delivered' && status !== condition.status;
      return (
        isStatusWrong ||
        events.some((event) =>
          Object.entries(EVENTS).some(
            ([reason, { type }]) => event.endsWith(` ${reason}`) && !event.startsWith(type),
          ),
        )
      );
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });

  test('begins the title of a test with the ids of its matrix rows', () => {
    const row = STATES.find(({ id }) => id === 'owner-stripped');
    expect(row && titleOf(row)).toMatch(/^F12: owner-stripped: /);
  });

  test('is on the page whole', () => {
    const page = statesPage();
    expect(STATES.filter(({ given }) => !page.includes(`| ${given} |`)).map(({ id }) => id)).toEqual([]);
  });
});
