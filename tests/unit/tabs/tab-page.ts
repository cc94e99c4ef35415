// What one tab of tabs.browser.test.ts runs: the real channel and the real Web Lock, a node on a "disk" of the page around it.
import { type SharedNode, shareNode } from '../../../src/adapters/tabs/share-node.ts';
import { type Disk, DiskNode } from './twins.ts';

export interface TabPage {
  readonly shared: SharedNode;
  /** The real node, once this tab leads. */
  real: DiskNode | undefined;
}

export function openTab(disk: Disk, label: string): TabPage {
  const shared = shareNode(async () => {
    tab.real = new DiskNode(disk, label);
    return tab.real.asNode();
  });
  const tab: TabPage = { shared, real: undefined };
  return tab;
}
