/**
 * The function that ws itself calls: with WS_NO_BUFFER_UTIL set, its JavaScript. Without, the add-on from 32 bytes on.
 */
import { peer } from '../../lib/peer.mjs';
import { lapOf } from './peer.mjs';

export const lap = lapOf(peer('ws', 'lib/buffer-util.js').unmask);
