import type { GroupResources } from '../types.ts';
import { AUTHENTICATED, UNAUTHENTICATED, type RequestPattern } from './pattern.ts';
import type { Universe } from './universe.ts';

/**
 * A product of sets of values: the requests that have one of each. `sides` are masks: user, verb, then namespace, API group, target
 * and name of a resource request, or the path of one to a URL. The groups of the user are a set, any set that meets each of `required`
 * and none of `forbidden`.
 */
export interface Box {
  isResource: boolean;
  sides: readonly bigint[];
  required: readonly bigint[];
  forbidden: bigint;
}

/** The boxes of a pattern or a rule; together they hold exactly the requests that it matches. Empty ones are left out. */
export function boxesOf(pattern: RequestPattern, universe: Universe): Box[] {
  const { userGroups = [], namespaces = [], resources = [], nonResourceURLs = [] } = pattern;
  const required: bigint[] = [];
  if (userGroups.length > 0) required.push(universe.groups.maskOf(userGroups));
  if (pattern.isIdentified === true) required.push(universe.groups.maskOf([AUTHENTICATED, UNAUTHENTICATED]));
  const isUserAsked = required.length > 0 || (pattern.users ?? []).length > 0;
  const nobody = isUserAsked ? 0n : universe.noUser;
  const user = pattern.isOfNobody === true ? nobody : universe.users.maskOf(pattern.users) | nobody;
  const common = [user, universe.verbs.maskOf(pattern.verbs)];
  const box = (isResource: boolean, sides: bigint[]): Box => ({
    isResource,
    sides: [...common, ...sides],
    required,
    forbidden: 0n,
  });
  const isOfResources = namespaces.length > 0 || resources.length > 0;
  const isOfUrls = !isOfResources && nonResourceURLs.length > 0;
  const namespace = universe.namespaces.maskOf(namespaces);
  return [
    ...(isOfUrls ? [] : entrySides(resources, universe).map((sides) => box(true, [namespace, ...sides]))),
    ...(isOfResources ? [] : [box(false, [universe.paths.maskOf(nonResourceURLs)])]),
  ].filter((one) => !one.sides.includes(0n));
}

/** Entries that differ in their group alone are one box. */
function entrySides(entries: readonly GroupResources[], universe: Universe): bigint[][] {
  const { apiGroups, targets, names } = universe;
  if (entries.length === 0) return [[apiGroups.all, targets.all, names.all]];
  const merged = new Map<string, { group: bigint; target: bigint; name: bigint }>();
  for (const { group = '', resources = [], resourceNames } of entries) {
    const target = targets.maskOf(resources);
    const name = names.maskOf(resources.length === 0 ? [] : resourceNames);
    // In hexadecimal: of a mask of a million bits the decimal digits take seconds.
    const key = `${target.toString(16)},${name.toString(16)}`;
    const before = merged.get(key)?.group ?? 0n;
    merged.set(key, {
      group: before | (group === '*' ? apiGroups.all : apiGroups.maskOf([group])),
      target,
      name,
    });
  }
  return [...merged.values()].map(({ group, target, name }) => [group, target, name]);
}

/** What two boxes share; undefined when nothing. */
export function intersect(a: Box, b: Box): Box | undefined {
  if (a.isResource !== b.isResource) return undefined;
  const sides = a.sides.map((side, i) => side & (b.sides[i] ?? 0n));
  const box: Box = {
    isResource: a.isResource,
    sides,
    required: [...a.required, ...b.required],
    forbidden: a.forbidden | b.forbidden,
  };
  return sides.includes(0n) || !canMeetGroups(box) ? undefined : box;
}

export function areDisjoint(a: Box, b: Box): boolean {
  if (a.isResource !== b.isResource) return true;
  for (let i = 0; i < a.sides.length; i++) if (((a.sides[i] ?? 0n) & (b.sides[i] ?? 0n)) === 0n) return true;
  return b.required.some((groups) => (groups & ~a.forbidden) === 0n);
}

/** In how many respects `a` has requests that the rule's box `b`, which is not disjoint, does not have: 0 when `b` covers it. */
export function openSides(a: Box, b: Box): number {
  let open = 0;
  for (let i = 0; i < a.sides.length; i++) if (((a.sides[i] ?? 0n) & ~(b.sides[i] ?? 0n)) !== 0n) open++;
  for (const groups of b.required) if (!mustMeet(a, groups)) open++;
  return open;
}

/** `a` without a rule's box `b`, in pieces that share nothing. */
export function subtract(a: Box, b: Box): Box[] {
  const pieces: Box[] = [];
  let rest = a;
  for (let i = 0; i < a.sides.length; i++) {
    const [own, other] = [rest.sides[i] ?? 0n, b.sides[i] ?? 0n];
    if ((own & ~other) !== 0n) pieces.push({ ...rest, sides: rest.sides.with(i, own & ~other) });
    rest = { ...rest, sides: rest.sides.with(i, own & other) };
  }
  for (const groups of b.required) {
    if (!mustMeet(rest, groups)) pieces.push({ ...rest, forbidden: rest.forbidden | groups });
    rest = { ...rest, required: [...rest.required, groups] };
  }
  return pieces;
}

/** Whether there is a set of groups as the box wants it. */
function canMeetGroups({ required, forbidden }: Box): boolean {
  return required.every((groups) => (groups & ~forbidden) !== 0n);
}

/** Whether every set of groups of the box meets these: else one could be chosen that meets each requirement elsewhere. */
function mustMeet({ required, forbidden }: Box, groups: bigint): boolean {
  return required.some((one) => (one & ~forbidden & ~groups) === 0n);
}
