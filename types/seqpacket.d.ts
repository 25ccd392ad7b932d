export { NotifyCb, SendCallback, SeqpacketServer, SeqpacketSocket } from '../index';
