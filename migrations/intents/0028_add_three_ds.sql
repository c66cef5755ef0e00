-- Whether the customer had to authenticate because we asked for it: part of the request, should it have to be sent again.
ALTER TABLE attempts ADD COLUMN force_three_ds boolean NOT NULL DEFAULT false;
