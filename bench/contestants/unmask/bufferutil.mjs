/** The native add-on that ws uses. It is called for every size here; ws calls it from 32 bytes on. */
import { peer } from '../../lib/peer.mjs';
import { lapOf } from './peer.mjs';

export const lap = lapOf(peer('bufferutil').unmask);
