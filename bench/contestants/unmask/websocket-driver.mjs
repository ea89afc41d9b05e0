/** The mask function of websocket-driver, which runs under Faye and Meteor. It works in place, byte by byte. */
import { peer } from '../../lib/peer.mjs';
import { lapOf } from './peer.mjs';

const Hybi = peer('websocket-driver', 'lib/websocket/driver/hybi.js');

export const lap = lapOf((bytes, key) => Hybi.mask(bytes, key));
