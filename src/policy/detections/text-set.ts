/** Some texts: those that meet every condition which is there. */
export interface TextSet {
  only?: readonly string[];
  startsWith?: string;
  except?: readonly string[];
  exceptStartsWith?: string;
}

/** The set as a predicate, for many texts. */
export function compileTextSet({
  only,
  startsWith = '',
  except,
  exceptStartsWith,
}: TextSet): (text: string) => boolean {
  const wanted = only === undefined ? undefined : new Set(only);
  const unwanted = new Set(except);
  return (text) =>
    (wanted === undefined || wanted.has(text)) &&
    text.startsWith(startsWith) &&
    !unwanted.has(text) &&
    (exceptStartsWith === undefined || !text.startsWith(exceptStartsWith));
}

/**
 * Texts of the set that stand for all of it before a policy that names these texts: a policy cannot tell those apart that it does not
 * name, so that one of them will do. It comes last.
 * @param likely words to make it of
 */
export function representativesOf(
  set: TextSet,
  named: readonly string[],
  likely: readonly string[],
): string[] {
  const isIn = compileTextSet(set);
  if (set.only !== undefined) return set.only.filter(isIn);
  const known = new Set(named);
  const isNew = (text: string): boolean => isIn(text) && !known.has(text);
  const { startsWith = '' } = set;
  let found = likely.map((word) => startsWith + word).find(isNew);
  for (let count = 1; found === undefined; count++) {
    const made = `${startsWith}other-${count}`;
    if (isNew(made)) found = made;
  }
  return [...[...known].filter(isIn), found];
}
