package second

import "context"

// RenewBroken makes the back-up anew with a log to which, when it has begun, nothing can be written.
func (c *Copy) RenewBroken(ctx context.Context, meanwhile func()) error {
	log, err := c.begin(ctx)
	if err != nil {
		return err
	}
	meanwhile()
	if err := log.f.Close(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.take(ctx, log)
}
