import { isAlias, isCollection, isMap, isNode, isScalar, type Alias, type Node } from 'yaml';
import { UnreadableText } from './document-tree.ts';

const NAME = /^[0-9A-Za-z_-]+$/;

/**
 * What each alias of a document stands for: the last node before it that has its anchor. An anchor counts from where its node
 * begins, so a node can hold an alias to itself.
 *
 * @throws UnreadableText for an alias without anchor, and for names that yaml.v2 does not read.
 */
export function anchorTargets(contents: Node, base: number): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const pending: Node[] = [contents];
  for (let node = pending.pop(); node; node = pending.pop()) {
    const start = base + (node.range?.[0] ?? 0);
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (!target) throw new UnreadableText(`there is no anchor for the alias *${node.source}`, start);
      targets.set(node, target);
      continue;
    }
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) {
      if (!NAME.test(node.anchor))
        throw new UnreadableText('an anchor has letters, digits, - and _ only', start);
      anchors.set(node.anchor, node);
    }
    for (const child of childrenOf(node).toReversed()) pending.push(child);
  }
  return targets;
}

function childrenOf(node: Node): Node[] {
  if (isMap(node)) return node.items.flatMap(({ key, value }) => [key, value]).filter(isNode);
  return isCollection(node) ? node.items.filter(isNode) : [];
}
