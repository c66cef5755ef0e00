-- For how many days after it was taken a charge can be refunded by who asks for it; NULL is for ever.
ALTER TABLE refund_policies ADD COLUMN window_days integer CHECK (window_days BETWEEN 1 AND 3650);
