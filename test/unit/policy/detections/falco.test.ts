import { KNOWN_RESOURCES } from '../../../../src/policy/catalogue.ts';
import { FALCO_DETECTIONS } from '../../../../src/policy/detections/falco.ts';
import { findResource } from '../../../../src/policy/request/resource-name.ts';
import { LEVELS } from '../../../../src/policy/types.ts';

test('every rule has a name of its own', () => {
  expect(new Set(FALCO_DETECTIONS.map(({ name }) => name)).size).toBe(FALCO_DETECTIONS.length);
});

test.each(FALCO_DETECTIONS.map((detection) => [detection.name, detection] as const))(
  '%s: what it looks at is served, and what its alert shows is no less than what it needs',
  (_, { asks, level, shows = level }) => {
    const asked = asks.flatMap(({ resource, verbs = [] }) => {
      if (resource === undefined) return [];
      const { group, resource: plural, subresource } = findResource(resource);
      const served = KNOWN_RESOURCES.find(
        (one) => one.group === group && one.resource === plural && one.subresource === subresource,
      );
      return verbs
        .filter((verb) => !(served?.verbs ?? []).includes(verb))
        .map((verb) => `${verb} ${resource}`);
    });
    expect(asked).toEqual([]);
    expect(LEVELS.indexOf(shows)).toBeGreaterThanOrEqual(LEVELS.indexOf(level));
  },
);
