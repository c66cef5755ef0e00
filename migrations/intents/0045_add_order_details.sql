-- What the ordering side wants shown of an order beside what is charged for it, as JSON (a car, a room).
ALTER TABLE orders ADD COLUMN details json_object;
